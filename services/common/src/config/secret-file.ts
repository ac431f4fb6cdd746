import { readFileSync } from 'node:fs'

/** The content of a mounted file, which may be replaced while the process runs: each new connection reads it again. */
export interface SecretFile {
  /** The newest text without the line's end, or the previous text while the file cannot be read. */
  read(): string
}

/** @throws Error if the file cannot be read, or is empty */
export function openSecretFile(path: string): SecretFile {
  let latest = textOf(path)
  return {
    read() {
      try {
        latest = textOf(path)
      } catch {
        // The file is being replaced. A connection that is refused with the old text is tried again.
      }
      return latest
    },
  }
}

function textOf(path: string): string {
  const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  if (text === '') throw new Error(`${path} is empty`)
  return text
}
