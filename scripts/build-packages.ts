import path from 'node:path'
import { runCommand } from './command.ts'
import { abortOnSignal } from './interrupt.ts'
import { buildPackage } from './packages/build-package.ts'
import { packagedProcesses } from './packages/packaged-processes.ts'
import { repositoryDir } from './platform/paths.ts'

/** npm run build:packages: builds every package, packs it, and prints where each tarball is. */
if (import.meta.main) {
  const tarballs = await buildPackages(path.join(repositoryDir, '.boxoffice', 'packages'), abortOnSignal())
  for (const tarball of tarballs) console.log(path.relative(process.cwd(), tarball))
}

/** @returns the tarballs, which `npm install` takes as they are */
export async function buildPackages(targetDir: string, signal?: AbortSignal): Promise<string[]> {
  const tarballs: string[] = []
  for (const packaged of packagedProcesses) {
    const dir = path.join(targetDir, packaged.command)
    await buildPackage(packaged, dir)
    const packing = ['pack', '--silent', '--pack-destination', targetDir]
    const { exitCode, output } = await runCommand('npm', packing, { cwd: dir, signal })
    if (exitCode !== 0) throw new Error(`npm pack failed for ${packaged.command}:\n${output}`)
    tarballs.push(path.join(targetDir, output.trim()))
  }
  return tarballs
}
