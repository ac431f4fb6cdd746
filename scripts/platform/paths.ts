import path from 'node:path'

/** The checkout's root. */
export const repositoryDir = path.resolve(import.meta.dirname, '..', '..')

/** Everything that running locally leaves on disk; ignored by git. */
export const stateDir = path.join(repositoryDir, '.boxoffice')
