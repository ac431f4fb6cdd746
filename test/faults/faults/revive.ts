import type { ManagedProcess } from '../../../scripts/platform/process.ts'
import type { World } from '../world.ts'

const underWay = new WeakMap<ManagedProcess, Promise<void>>()

/** Starts a process again if it is not running, as a container platform would. Does not wait until it is ready. */
export async function revive(world: World, name: string): Promise<void> {
  const process = world.process(name)
  // Two calls at the same time must not start it twice.
  const before = underWay.get(process) ?? Promise.resolve()
  const reviving = before.then(async () => {
    if (process.stopped) await process.launch()
  })
  underWay.set(
    process,
    reviving.catch(() => {}),
  )
  await reviving
}

/** Starts brokers again and waits until they are ready: until then the fault is not over. */
export async function reviveBrokers(world: World, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => revive(world, name)))
  await Promise.all(names.map((name) => world.process(name).ready()))
}

/** Kills a process, as a power cut would, and waits until it has ended. */
export async function cutDown(world: World, name: string): Promise<void> {
  const process = world.process(name)
  process.kill('SIGKILL')
  await process.exited()
}
