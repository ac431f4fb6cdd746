import { readFile } from 'node:fs/promises'
import type { Fault } from '../fault.ts'
import { brokerNames, type World } from '../world.ts'
import { cutDown, reviveBrokers } from './revive.ts'

/**
 * SIGKILL of the broker that leads the metadata quorum: until another one is elected, no partition leader can move.
 */
export const killController: Fault = {
  name: 'kill-controller',
  targets: ['the active controller'],
  lastsMs: [1_000, 10_000],
  ground: () => 'kafka',
  async inject(world) {
    const controller = await activeController(world)
    await cutDown(world, controller)
    return () => reviveBrokers(world, [controller])
  },
}

/** The broker with the newest election to leader in its log. */
async function activeController(world: World): Promise<string> {
  const elections = await Promise.all(
    brokerNames.map(async (name) => {
      const log = await readFile(world.process(name).spec.logFile, 'utf8')
      const line = log.split('\n').findLast((text) => text.includes('Completed transition to Leader('))
      const epoch = Number(/epoch=(\d+)/.exec(line ?? '')?.[1] ?? -1)
      return { name, epoch }
    }),
  )
  return elections.reduce((one, other) => (other.epoch > one.epoch ? other : one)).name
}
