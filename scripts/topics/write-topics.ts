import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { repositoryDir } from '../platform/paths.ts'
import { readDeclarations } from './read-declarations.ts'
import { topicsDocument } from './topics-document.ts'

export const topicsFile = path.join(repositoryDir, 'docs/topics.md')

/** The current text of docs/topics.md. */
export async function topicsDocumentNow(): Promise<string> {
  return topicsDocument(await readDeclarations())
}

export async function writeTopicsDocument(): Promise<void> {
  await writeFile(topicsFile, await topicsDocumentNow())
}
