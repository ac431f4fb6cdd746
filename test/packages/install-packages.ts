import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buildPackages } from '../../scripts/build-packages.ts'
import { runCommand } from '../../scripts/command.ts'
import { type TemporaryFolder, temporaryFolder } from '../../scripts/platform/temporary-folder.ts'

/**
 * Builds and packs all packages, and installs some of them as a stranger would: in an empty folder outside the repository, from their
 * tarballs.
 *
 * @param names - as in `@boxoffice/<name>`
 */
export async function installPackages(...names: readonly string[]): Promise<TemporaryFolder> {
  const folder = await temporaryFolder()
  const tarballs = await buildPackages(path.join(folder.dir, 'packages'))
  await writeFile(path.join(folder.dir, 'package.json'), '{ "private": true, "type": "module" }')
  const wanted = tarballs.filter((tarball) => names.some((name) => tarball.includes(`boxoffice-${name}-`)))
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const { exitCode, output } = await runCommand('npm', ['install', ...flags, ...wanted], { cwd: folder.dir })
  if (exitCode !== 0) throw new Error(`npm install failed:\n${output}`)
  return folder
}
