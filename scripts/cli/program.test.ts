import { expect } from 'chai'
import type { Command } from 'commander'
import { createProgram } from './program.ts'

describe('createProgram', () => {
  const program = createProgram(new AbortController().signal)

  for (const command of withSubcommands(program)) {
    it(`shows examples and the global options in the help of ${command.name()}`, () => {
      let help = ''
      command.configureOutput({
        writeOut: (text) => {
          help += text
        },
      })
      command.outputHelp()
      expect(help).to.match(/Examples?:\n {2}\$ npx boxoffice/)
      expect(help).to.contain('--user <name>')
    })
  }

  function withSubcommands(command: Command): Command[] {
    return [command, ...command.commands.flatMap(withSubcommands)]
  }
})
