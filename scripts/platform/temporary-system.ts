import { type System, type SystemOptions, startSystem } from './system.ts'
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts'

/**
 * Starts a system on free ports in a folder of its own, which is removed with it, even if this process is killed. With
 * `kafkaBrokers` and `databaseUrl` it uses those servers; they keep what the system wrote to them.
 */
export async function startTemporarySystem(
  options: Partial<SystemOptions> = {},
): Promise<System & Pick<TemporaryFolder, 'dir'>> {
  const { dir, remove } = await temporaryFolder()
  try {
    const system = await startSystem({ dir, disposable: true, ...options })
    const stop = async (): Promise<void> => {
      await system.stop()
      await remove()
    }
    return { ...system, dir, stop }
  } catch (error) {
    await remove()
    throw error
  }
}
