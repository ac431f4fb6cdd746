import { expect } from 'chai'
import { runCommand } from '../../scripts/command.ts'

/**
 * Compiles a file in a user's folder with all strict checks, also of the types of all packages unless `flags` exclude
 * them.
 */
export async function compileStrictly(
  dir: string,
  file: string,
  flags: readonly string[] = [],
): Promise<void> {
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--types', 'node']
  const target = ['--module', 'nodenext', '--target', 'es2024']
  const { exitCode, output } = await runCommand('tsc', [file, ...target, ...strict, ...flags], { cwd: dir })
  expect(exitCode, output).to.equal(0)
}
