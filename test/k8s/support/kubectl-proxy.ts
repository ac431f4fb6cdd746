import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { context } from '../../support/kubectl.ts'

/** Starts `kubectl proxy` on a free port, for requests in quick succession. */
export async function kubectlProxy(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn('kubectl', [...context, 'proxy', '--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8')) {
    output += text
    const [, address] = /serve on (\S+:\d+)/.exec(output) ?? []
    if (address === undefined) continue
    return {
      url: `http://${address}`,
      async stop() {
        child.kill()
        await ended
      },
    }
  }
  throw new Error(`kubectl proxy has ended: ${output}`)
}
