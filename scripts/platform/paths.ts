import path from 'node:path'

/** The checkout's root. */
export const repositoryDir = path.resolve(import.meta.dirname, '..', '..')

/** What is fetched once per checkout; ignored by git. */
export const cacheDir = path.join(repositoryDir, '.boxoffice', 'cache')

/** The data, logs and keys of `npm start`, and the file that says what runs; ignored by git. */
export const stateDir = path.resolve(process.env.BOXOFFICE_DIR || path.join(repositoryDir, '.boxoffice'))
