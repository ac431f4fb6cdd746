import path from 'node:path'
import { addDefectSource } from '@boxoffice/common/testing/defects.ts'
import { startTemporarySystem } from '../../scripts/platform/temporary-system.ts'
import { readLogDefects } from './log-defects.ts'

export type TestSystem = Awaited<ReturnType<typeof startTemporarySystem>>

/** Starts a system for tests. A defect in the log of one of its processes fails the running test. */
export async function startTestSystem(
  ...[options]: Parameters<typeof startTemporarySystem>
): Promise<TestSystem> {
  const system = await startTemporarySystem(options)
  const read = readLogDefects(path.join(system.dir, 'logs'))
  const forget = addDefectSource(read)
  const stop = async (): Promise<void> => {
    const last = await read()
    forget()
    await system.stop()
    if (last.length > 0) throw new Error(`defects were answered after the last test:\n  ${last.join('\n  ')}`)
  }
  return { ...system, stop }
}
