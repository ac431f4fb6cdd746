import { allAttacks } from '../../abuse/attacks/all-attacks.ts'
import { startAttack } from '../../abuse/start-attack.ts'
import { targetOf } from '../../abuse/target-of.ts'
import { present } from '../../support/customer.ts'
import type { Fault } from '../fault.ts'

/** No console runs beside the faults. */
const attacks = allAttacks.filter(({ name }) => name !== 'console-streams')

/** An attack by clients that send what they should not, while other faults happen as well. */
export const abuse: Fault = {
  name: 'abuse',
  targets: attacks.map(({ name }) => name),
  lastsMs: [3_000, 8_000],
  ground: () => 'abuse',
  async inject(world, target) {
    const attack = present(attacks.find(({ name }) => name === target))
    const running = await startAttack(attack, targetOf(world.system))
    return async () => {
      const { gotThrough } = await running.stop()
      for (const breach of gotThrough) world.gotThrough.push(`${target}: ${breach}`)
    }
  },
}
