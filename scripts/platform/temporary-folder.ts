import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { orderGuard } from './guard.ts'

export interface TemporaryFolder {
  readonly dir: string
  remove(): Promise<void>
}

/** Makes a folder that goes when this process ends, in whatever way, or when it is removed. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-'))
  orderGuard({ removeAtEnd: dir })
  // PostgreSQL, run by root, is another user and has to pass through.
  await chmod(dir, 0o755)
  return {
    dir,
    remove: async () => {
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
      orderGuard({ keep: dir })
    },
  }
}
