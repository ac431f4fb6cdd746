import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import { succeed } from './tool.ts'

/** A section of docs/operations.md: what stands between its heading and the next. @throws Error if there is none */
export async function handbookSection(title: string): Promise<string> {
  const handbook = await readFile(path.join(repositoryDir, 'docs/operations.md'), 'utf8')
  const section = handbook.split(/^## /m).find((one) => one.startsWith(`${title}\n`))
  if (section === undefined) throw new Error(`docs/operations.md has no section "${title}"`)
  return section.slice(title.length)
}

/** What a section gives its commands to read, between `<<'MARK'` and `MARK`, in order. */
export function hereDocuments(section: string, mark: string): string[] {
  const found = section.matchAll(new RegExp(`<<'${mark}'\n([\\s\\S]*?)\n${mark}\n`, 'g'))
  return [...found].map(([, text = '']) => text)
}

/** The arguments of each call of a tool in a section, as the shell would give them to it. */
export async function callsOf(section: string, tool: string): Promise<string[][]> {
  const commands = [...section.matchAll(new RegExp(`^${tool} (?:.*\\\\\n)*.*$`, 'gm'))].map(
    ([command]) => command,
  )
  return await Promise.all(
    commands.map(async (command) => {
      const shown = await succeed('bash', ['-c', `${tool}() { printf '%s\\0' "$@"; }\n${command}`])
      return shown.split('\0').slice(0, -1)
    }),
  )
}
