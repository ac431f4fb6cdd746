import type { Fault } from '../fault.ts'
import { revive } from './revive.ts'

/** An immediate shutdown: every session is cut, and the next start recovers from the write-ahead log. */
export const postgresRestart: Fault = {
  name: 'postgres-restart',
  targets: ['postgres'],
  lastsMs: [0, 5_000],
  ground: () => 'postgres',
  async inject(world, target) {
    world.process(target).kill('SIGQUIT')
    await world.process(target).exited()
    return () => revive(world, target)
  },
}
