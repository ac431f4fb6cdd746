import { execFile } from 'node:child_process'
import { loadavg } from 'node:os'
import { promisify } from 'node:util'
import { repositoryDir } from '../platform/paths.ts'
import type { Progress } from '../start/progress.ts'
import { measureConsole } from './console.ts'
import { type BenchOptions, type ScenarioName, serviceScenarios } from './options.ts'
import { profileTop } from './profile-top.ts'
import { measureRelay } from './relay.ts'
import { type BenchJson, type Report, toJson } from './report.ts'
import { measureServices, type ServiceFigures } from './services.ts'
import { attachToRunning, startOwnSystem } from './system-under-test.ts'
import { renderTable } from './table.ts'
import { measureTelemetry } from './telemetry.ts'
import { verifyBooks } from './verify-books.ts'

/** Runs the chosen scenarios. @throws BenchError when a check fails, so that there is nothing to report */
export async function runBench(
  options: BenchOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ table: string; json: BenchJson }> {
  const loadAverage = loadavg().map((load) => Number(load.toFixed(2)))
  const chosen = (...names: readonly ScenarioName[]): boolean =>
    options.scenarios.some((name) => names.includes(name))
  const {
    profiles = [],
    loads = {},
    ...services
  } = chosen(...serviceScenarios) ? await benchServices(options, progress, signal) : {}
  const relay = chosen('relay') ? await measureRelay(options.shards, progress, signal) : undefined
  const watched = chosen('page', 'streams') ? await measureConsole(options, progress, signal) : {}
  const telemetry = chosen('telemetry') ? await measureTelemetry(options, progress, signal) : undefined
  const report: Report = {
    options,
    loadAverage,
    commit: await commit(),
    ...services,
    loads: { ...loads, ...(relay && { relay }) },
    ...watched,
    ...(telemetry && { telemetry }),
  }
  for (const profile of profiles) {
    progress.say(options.profileTop ? `\n${profileTop(profile)}` : `profile: ${profile.file}`)
  }
  return { table: renderTable(report), json: toJson(report) }
}

async function benchServices(
  options: BenchOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<ServiceFigures> {
  const system = options.attach ? await attachToRunning() : await startOwnSystem(progress, signal)
  try {
    const figures = await measureServices(system, options, progress, signal)
    await verifyBooks(system, progress, signal)
    return figures
  } finally {
    await system.stop()
  }
}

/** The measured commit, with `-dirty` if files have changed since. */
async function commit(): Promise<string> {
  const args = ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*']
  const { stdout } = await promisify(execFile)('git', args, { cwd: repositoryDir }).catch(() => ({
    // A checkout without git, such as an unpacked archive.
    stdout: 'unknown',
  }))
  return stdout.trim()
}
