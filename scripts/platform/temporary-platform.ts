import { type Platform, type PlatformOptions, startPlatform } from './platform.ts'
import { ProcessSet } from './process-set.ts'
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts'

/**
 * Starts a platform on free ports in a folder of its own, which is removed with it, even if this process is killed.
 */
export async function startTemporaryPlatform(
  options: Partial<PlatformOptions> = {},
): Promise<Platform & Pick<TemporaryFolder, 'dir'>> {
  const { dir, remove } = await temporaryFolder()
  try {
    const platform = await startPlatform({ dir, disposable: true, ...options })
    const processes = new ProcessSet()
    for (const process of [...platform.kafka.brokers, platform.postgres.server]) processes.add(process)
    const stop = async (): Promise<void> => {
      await processes.stop()
      await remove()
    }
    return { ...platform, dir, stop }
  } catch (error) {
    await remove()
    throw error
  }
}
