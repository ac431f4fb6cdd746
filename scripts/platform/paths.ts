import path from 'node:path'

/** The checkout's root. */
export const repositoryDir = path.resolve(import.meta.dirname, '..', '..')

/** The folder of what is fetched once per checkout; ignored by git. */
export const cacheDir = path.join(repositoryDir, '.boxoffice', 'cache')

/** The folder in the state folder in which every process of `npm start` writes its log. */
export const logsDir = (dir: string): string => path.join(dir, 'logs')

/** The state folder of `npm start`, with data, logs, keys and the run file; ignored by git. */
export const stateDir = path.resolve(process.env.BOXOFFICE_DIR || path.join(repositoryDir, '.boxoffice'))
