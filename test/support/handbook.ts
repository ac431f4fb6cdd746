import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import { succeed } from './tool.ts'

/**
 * A section of a page in docs/operations: the text between its heading and the next of the same level. Code in the steps of a
 * list loses the indentation of its fence, as in a browser.
 *
 * @throws Error if there is none
 */
export async function handbookSection(page: string, title: string): Promise<string> {
  const text = await readFile(path.join(repositoryDir, 'docs/operations', page), 'utf8')
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`))
  if (section === undefined) throw new Error(`docs/operations/${page} has no section "${title}"`)
  return section
    .slice(title.length)
    .replaceAll(/^( +)```[\s\S]*?^\1```/gm, (block, indent: string) =>
      block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    )
}

/** The here-documents of a section's commands, between `<<'MARK'` and `MARK`, in order. */
export function hereDocuments(section: string, mark: string): string[] {
  const found = section.matchAll(new RegExp(`<<'${mark}'\n([\\s\\S]*?)\n${mark}\n`, 'g'))
  return [...found].map(([, text = '']) => text)
}

/** The arguments of each call of a tool in a section, as the shell would pass them. */
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
