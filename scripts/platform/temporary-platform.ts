import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { tellGuard } from './guard.ts'
import { type Platform, type PlatformOptions, startPlatform } from './platform.ts'

/** Starts a platform on free ports in a folder of its own, which goes with it: also when this process is killed. */
export async function startTemporaryPlatform(
  options: Partial<PlatformOptions> = {},
): Promise<Platform & { dir: string }> {
  const dir = await temporaryFolder()
  const remove = async (): Promise<void> => {
    await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    tellGuard({ keep: dir })
  }
  try {
    const platform = await startPlatform({ dir, disposable: true, ...options })
    const handles = [...platform.kafka.brokers, platform.postgres.server]
    const stop = async (): Promise<void> => {
      // Nothing of it is needed any more: do not wait for orderly ends.
      for (const handle of handles) handle.kill('SIGKILL')
      await Promise.all(handles.map((handle) => handle.exited()))
      await remove()
    }
    return { ...platform, dir, stop }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Makes a folder that is removed when this process ends, in whatever way. */
async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-'))
  tellGuard({ removeAtEnd: dir })
  // PostgreSQL, run by root, is another user and has to pass through.
  await chmod(dir, 0o755)
  return dir
}
