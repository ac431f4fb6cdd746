import { spawn } from 'node:child_process'
import { orderGuard } from '../../scripts/platform/guard.ts'
import { context } from '../support/kubectl.ts'
import { succeed } from '../support/tool.ts'

/** Builds an image of this checkout and loads it into the nodes, with the command in CLUSTER_BUILD. */
export async function buildImage(image: string): Promise<void> {
  const command = process.env.CLUSTER_BUILD
  if (!command) throw new Error('CLUSTER_BUILD is not set: see npm run test:cluster -- --help')
  await succeed('sh', ['-c', `${command} "$@"`, 'build', '.', image])
}

/** Starts a kubectl that keeps running, but does not outlive this process. */
export function startKubectl(...args: readonly string[]) {
  const child = spawn('kubectl', [...context, ...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const { pid } = child
  if (pid !== undefined) {
    orderGuard({ watch: { pid, stage: 0, signal: 'SIGTERM', graceMs: 1_000 } })
    child.once('exit', () => orderGuard({ forget: pid }))
  }
  return child
}
