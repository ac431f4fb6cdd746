import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { orderGuard } from './guard.ts'

export interface TemporaryFolder {
  readonly dir: string
  remove(): Promise<void>
}

/** Creates a folder that is removed by `remove`, or when this process ends in any way. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-'))
  orderGuard({ removeAtEnd: dir })
  // PostgreSQL runs as another user under root, and has to enter the folder.
  await chmod(dir, 0o755)
  return {
    dir,
    remove: async () => {
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
      orderGuard({ keep: dir })
    },
  }
}
