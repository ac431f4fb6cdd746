import path from 'node:path'

/** The checkout's root. */
export const repositoryDir = path.resolve(import.meta.dirname, '..', '..')

/** What is fetched once per checkout; ignored by git. */
export const cacheDir = path.join(repositoryDir, '.boxoffice', 'cache')

/** Of the folder below: where every process of `npm start` writes its log. */
export const logsDir = (dir: string): string => path.join(dir, 'logs')

/** The data, logs and keys of `npm start`, and the file that says what runs; ignored by git. */
export const stateDir = path.resolve(process.env.BOXOFFICE_DIR || path.join(repositoryDir, '.boxoffice'))
