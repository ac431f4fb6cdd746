import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { faultsOf as linkFaultsOf, orphansOf } from './check/links.ts'
import { faultsOf, readLockFile, scriptFaultsOf } from './check/lock-file.ts'
import { faultsOf as migrationFaultsOf, readMigrations, readSums } from './check/migrations.ts'
import { faultsOf as faultsIn, namedTestsIn } from './check/named-tests.ts'
import { isOutsideStorage, faultsOf as ormFaultsOf } from './check/orm-calls.ts'
import { runCommand } from './command.ts'
import { fetchProtoDependencies, generateInto, protoDir } from './generate.ts'
import { abortOnSignal } from './interrupt.ts'
import { repositoryDir } from './platform/paths.ts'
import { topicsDocumentNow, topicsFile } from './topics/write-topics.ts'

/** The result of a check: the tool's output if it failed, and a note if it passed with a restriction. */
export interface CheckResult {
  readonly passed: boolean
  readonly output: string
  readonly note?: string
}

interface Check {
  readonly name: string
  run(signal: AbortSignal): Promise<CheckResult>
}

export interface CheckSummary {
  readonly passed: number
  readonly failed: number
}

/** The checks of `npm run check`, the slowest first. */
const checks: readonly Check[] = [
  { name: 'types', run: types },
  { name: 'style', run: (signal) => tool(signal, 'biome', ['check', '--error-on-warnings', '.']) },
  {
    name: 'arrows',
    run: (signal) => tool(signal, 'depcruise', [...arrowsConfig, 'services', 'scripts', 'test']),
  },
  { name: 'unused exports', run: (signal) => tool(signal, 'knip', ['--no-progress', '--no-config-hints']) },
  { name: 'contracts', run: (signal) => tool(signal, 'buf', ['lint'], protoDir) },
  { name: 'breaking changes', run: breakingChanges },
  { name: 'generated code', run: generatedCode },
  { name: 'topics', run: topics },
  { name: 'lock file', run: lockFile },
  { name: 'named tests', run: namedTests },
  { name: 'links', run: links },
  { name: 'migrations', run: migrations },
  { name: 'SQL in storage', run: sqlInStorage },
]

const arrowsConfig = ['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long']

/** The number of cores of the smallest machine: more checks at a time would only make each look slower. */
const atATime = 2

if (import.meta.main) {
  const { failed } = await runChecks(abortOnSignal())
  if (failed > 0) process.exitCode = 1
}

/**
 * Runs every check, prints one line for each as it ends, and the output of those that failed.
 *
 * @param print - gets each line, without its end
 */
export async function runChecks(
  signal: AbortSignal,
  print: (line: string) => void = console.log,
): Promise<CheckSummary> {
  let passed = 0
  const failures: string[] = []
  const waiting = [...checks]
  const prepared = await attempt(() => prepare(signal))
  if (!prepared.passed) {
    print(`✗ proto/.deps\n${indent(prepared.output)}`)
    failures.push('proto/.deps')
  }
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check && !signal.aborted; check = waiting.shift()) {
      const startedAt = performance.now()
      const { name, run } = check
      const result = await attempt(() => run(signal))
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      print(`${result.passed ? '✓' : '✗'} ${name.padEnd(17)} ${seconds.padStart(5)} s${noteOf(result)}`)
      if (result.passed) passed++
      else {
        failures.push(name)
        print(indent(result.output.trim() || 'it failed without output'))
      }
    }
  }
  await Promise.all(Array.from({ length: atATime }, work))
  return { passed, failed: failures.length }
}

async function prepare(signal: AbortSignal): Promise<CheckResult> {
  await fetchProtoDependencies(signal)
  return { passed: true, output: '' }
}

/** Checks the types. The page has a project of its own, because a browser has other globals than Node. */
async function types(signal: AbortSignal): Promise<CheckResult> {
  const options = ['--noEmit', '--pretty', 'false']
  const server = await tool(signal, 'tsc', options)
  const page = await tool(signal, 'tsc', [...options, '--project', 'services/console/web'])
  return { passed: server.passed && page.passed, output: server.output + page.output }
}

/**
 * Checks that the contracts do not break clients of the last release. Sources without history, such as a downloaded
 * archive, have nothing to compare with.
 */
async function breakingChanges(signal: AbortSignal): Promise<CheckResult> {
  const head = await git(signal, ['rev-parse', '--verify', 'HEAD'])
  if (!head.passed) return { passed: true, output: '', note: `no history here: ${firstLine(head.output)}` }
  const tags = await git(signal, ['tag', '--list', 'v*', '--sort=-version:refname', '--merged', 'HEAD'])
  const lastRelease = firstLine(tags.output)
  if (!tags.passed) return tags
  if (!lastRelease) return { ...tags, note: 'no release tag yet: nothing to compare with' }
  return await inTemporaryFolder(async (dir) => {
    const archive = path.join(dir, 'release.tar')
    const exported = await git(signal, ['archive', '--output', archive, lastRelease, 'proto'])
    if (!exported.passed) return exported
    const unpacked = await tool(signal, 'tar', ['-xf', archive, '-C', dir])
    if (!unpacked.passed) return unpacked
    // The archive of git lacks the files that the contracts import.
    await cp(path.join(protoDir, '.deps'), path.join(dir, 'proto/.deps'), { recursive: true })
    const args = ['breaking', '--against', path.join(dir, 'proto')]
    return { ...(await tool(signal, 'buf', args, protoDir)), note: `against ${lastRelease}` }
  })
}

/** Checks that proto/gen is what the generator makes of the contracts. */
async function generatedCode(signal: AbortSignal): Promise<CheckResult> {
  return await inTemporaryFolder(async (dir) => {
    await generateInto(dir, signal)
    const args = ['diff', '--no-index', '--stat', 'proto/gen', path.join(dir, 'gen')]
    const { passed, output } = await tool(signal, 'git', args)
    return passed ? { passed, output } : { passed, output: `${output}\nRun: npm run generate` }
  })
}

/** Checks that docs/topics.md is what manifests, contracts, chart and users declare now. */
async function topics(): Promise<CheckResult> {
  const passed = (await readFile(topicsFile, 'utf8')) === (await topicsDocumentNow())
  return { passed, output: passed ? '' : 'docs/topics.md is stale. Run: npm run generate' }
}

/** Checks that `npm ci` works with the lock file, from any registry, and installs nothing without a hash. */
async function lockFile(): Promise<CheckResult> {
  const { allowScripts } = JSON.parse(await readFile(path.join(repositoryDir, 'package.json'), 'utf8'))
  const faults = [...faultsOf(await readLockFile()), ...scriptFaultsOf(allowScripts)]
  return { passed: faults.length === 0, output: faults.join('\n') }
}

/** Checks that no migration has changed since databases applied it. */
async function migrations(): Promise<CheckResult> {
  const faults = migrationFaultsOf(await readMigrations(), await readSums())
  return { passed: faults.length === 0, output: faults.join('\n') }
}

/** Checks that the tests exist that the documents name for their promises. */
async function namedTests(signal: AbortSignal): Promise<CheckResult> {
  const files = await git(signal, ['ls-files', '*.test.ts', '*.promtool.yaml', 'services/*/src/testing/*.ts'])
  if (!files.passed)
    return { passed: true, output: '', note: `no list of files here: ${firstLine(files.output)}` }
  const paths = files.output.split('\n').filter((path) => path !== '')
  const tests = new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8')] as const)),
  )
  const documents = ['docs/invariants.md', 'docs/security.md']
  const cells = (
    await Promise.all(documents.map(async (path) => namedTestsIn(path, await readFile(path, 'utf8'))))
  ).flat()
  const faults = cells.flatMap((cell) => faultsIn(cell, tests))
  return { passed: faults.length === 0, output: faults.join('\n') }
}

/** Every link of a document leads to a file and a heading that exist, and every document is linked. New files count. */
async function links(signal: AbortSignal): Promise<CheckResult> {
  const list = await git(signal, ['ls-files', '--cached', '--others', '--exclude-standard'])
  if (!list.passed)
    return { passed: true, output: '', note: `no list of files here: ${firstLine(list.output)}` }
  const files = new Set(list.output.split('\n').filter((path) => path !== '' && existsSync(path)))
  const paths = [...files].filter((path) => path.endsWith('.md'))
  const documents = new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8')] as const)),
  )
  const faults = [...linkFaultsOf({ documents, files }), ...orphansOf({ documents, files })]
  return { passed: faults.length === 0, output: faults.join('\n') }
}

/**
 * Checks that SQL and calls of the ORM are only in storage. The arrows cannot see that, as an EntityManager may be
 * passed on.
 */
async function sqlInStorage(signal: AbortSignal): Promise<CheckResult> {
  const files = await git(signal, ['ls-files', 'services/*.ts'])
  if (!files.passed)
    return { passed: true, output: '', note: `no list of files here: ${firstLine(files.output)}` }
  const paths = files.output.split('\n').filter(isOutsideStorage)
  const faults = await Promise.all(paths.map(async (path) => ormFaultsOf(path, await readFile(path, 'utf8'))))
  return { passed: faults.flat().length === 0, output: faults.flat().join('\n') }
}

async function inTemporaryFolder(use: (dir: string) => Promise<CheckResult>): Promise<CheckResult> {
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-check-'))
  try {
    return await use(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Runs git even if the checkout belongs to another user, as in many build containers: it is only read. */
async function git(signal: AbortSignal, args: readonly string[]): Promise<CheckResult> {
  return await tool(signal, 'git', ['-c', 'safe.directory=*', ...args])
}

async function tool(
  signal: AbortSignal,
  command: string,
  args: readonly string[],
  cwd?: string,
): Promise<CheckResult> {
  const { exitCode, output } = await runCommand(command, args, { signal, ...(cwd ? { cwd } : {}) })
  return { passed: exitCode === 0, output }
}

async function attempt(run: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await run()
  } catch (error) {
    return { passed: false, output: error instanceof Error ? error.message : String(error) }
  }
}

function noteOf({ note }: CheckResult): string {
  return note ? `  ${note}` : ''
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}
