import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buildPackages } from '../../scripts/build-packages.ts'
import { runCommand } from '../../scripts/command.ts'
import { packages } from '../../scripts/packages/package-list.ts'
import { type TemporaryFolder, temporaryFolder } from '../../scripts/platform/temporary-folder.ts'

/**
 * Builds and packs packages, and installs them as a user would: in an empty folder outside the repository, from their
 * tarballs.
 *
 * @param names - as in `@boxoffice/<name>`
 * @param others - the user's other packages, as `name@version`
 */
export async function installPackages(
  names: readonly string[],
  others: readonly string[] = [],
): Promise<TemporaryFolder> {
  const folder = await temporaryFolder()
  const wanted = packages.filter((source) => names.includes(path.basename(source.folder)))
  const tarballs = await buildPackages(path.join(folder.dir, 'packages'), undefined, wanted)
  await writeFile(path.join(folder.dir, 'package.json'), '{ "private": true, "type": "module" }')
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const { exitCode, output } = await runCommand('npm', ['install', ...flags, ...tarballs, ...others], {
    cwd: folder.dir,
  })
  if (exitCode !== 0) throw new Error(`npm install failed:\n${output}`)
  return folder
}
