import { readFileSync } from 'node:fs'

/** What a mounted file holds. It is replaced while the process runs: whoever connects anew reads it anew. */
export interface SecretFile {
  /** The newest text without the line's end, or the one of before while the file cannot be read. */
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
        // It is being replaced. Whoever is refused with the old text tries again.
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
