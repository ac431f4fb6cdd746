import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Command, CommanderError } from 'commander'
import { repositoryDir } from '../platform/paths.ts'
import { createProgram } from './program.ts'

/** Replaces a name in capitals, such as ID, which a document leaves to its reader. */
const anyId = '6fa459ea-ee8a-4ca4-894e-db77e160355e'

describe('the commands of the documents', () => {
  let commands: (DocumentedCall & { readonly place: string })[]

  before(async () => {
    commands = []
    const files = ['*.md', 'docs/**/*.md', 'k8s/*.md', 'services/**/README.md']
    for await (const file of glob(files, {
      cwd: repositoryDir,
      exclude: (name) => /node_modules/.test(name),
    })) {
      const lines = readFileSync(path.join(repositoryDir, file), 'utf8').split('\n')
      for (const [index, line] of lines.entries())
        for (const call of callsIn(line)) commands.push({ place: `${file}:${index + 1}`, ...call })
    }
    expect(commands).to.have.length.above(40)
  })

  it('are commands of boxoffice, with options and values that it takes', async () => {
    const faults: string[] = []
    for (const { place, args, isProse } of commands) {
      try {
        await idleProgram().parseAsync(args, { from: 'user' })
      } catch (error) {
        // A sentence may name a command without all that it needs.
        if (isProse && incomplete.has((error as CommanderError).code)) continue
        faults.push(`${place}: npx boxoffice ${args.join(' ')}: ${(error as Error).message}`)
      }
    }
    expect(faults).to.deep.equal([])
  })

  it('are found to be wrong where a command, an option or a value does not exist', async () => {
    for (const args of [['paymets'], ['seats', '--colour', 'red'], ['rush', '--buyers', 'many']])
      expect(await idleProgram().parseAsync(args, { from: 'user' }).catch(String), args.join(' ')).to.be.a(
        'string',
      )
  })
})

interface DocumentedCall {
  readonly args: readonly string[]
  readonly isProse: boolean
}

const incomplete: ReadonlySet<string> = new Set([
  'commander.missingArgument',
  'commander.missingMandatoryOptionValue',
])

/** Each call of boxoffice in a line, up to a comment, the end of the code or another command. */
function callsIn(line: string): DocumentedCall[] {
  return [...line.matchAll(/(`?)npx boxoffice((?: +(?:"[^"]*"|[^\s"#&;|)`]+))+)/g)].map(
    ([, backtick, call = '']) => ({
      isProse: backtick !== '',
      args: [...call.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word = '']) =>
        (quoted ?? word).replace(/^[A-Z]{2,}$/, anyId),
      ),
    }),
  )
}

/** Every command and option, but nothing happens. */
function idleProgram(): Command {
  const program = createProgram(new AbortController().signal)
  const quiet = (command: Command): void => {
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    if (command.commands.length === 0) command.action(() => undefined)
    command.commands.forEach(quiet)
  }
  quiet(program)
  return program
}
