import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { readTopicManifests } from '@boxoffice/common/doctor/topic-manifests.ts'
import type { TopicSpec } from '@boxoffice/kafka'
import * as contract from '@boxoffice/proto/boxoffice/type/v1/contract_pb.ts'
import { type DescFile, type DescMessage, getOption } from '@bufbuild/protobuf'
import { parse } from 'yaml'
import { repositoryDir } from '../platform/paths.ts'
import { readUsers, type UserSpec } from '../platform/users.ts'

/** The declarations of the repository about its topics. */
export interface Declarations {
  /** From k8s/base/topics.yaml, in its order. */
  readonly topics: readonly TopicSpec[]
  /** From proto/boxoffice, in the order of its files and of the messages in each. */
  readonly messages: readonly MessageType[]
  /** The topics of each consumer group: `services` of charts/boxoffice/values.yaml. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** From k8s/base/users.yaml. */
  readonly users: readonly UserSpec[]
}

/** A command or event, as its contract describes it. */
export interface MessageType {
  readonly name: string
  readonly topic: string
  readonly source: string
  readonly key: string
  readonly subject: string
  /** Empty for a command. */
  readonly cause: string
  /** The comment of the message in its .proto file. */
  readonly comment: string
}

export async function readDeclarations(): Promise<Declarations> {
  const [topics, messages, groups, users] = await Promise.all([
    readTopicManifests(),
    readMessages(),
    readGroups(),
    readUsers(),
  ])
  return { topics, messages, groups, users }
}

async function readMessages(): Promise<MessageType[]> {
  const files: string[] = []
  for await (const file of glob('proto/gen/boxoffice/**/*_pb.ts', { cwd: repositoryDir })) files.push(file)
  const messages: MessageType[] = []
  for (const file of files.sort()) {
    const module: Record<string, DescFile> = await import(pathToFileURL(path.join(repositoryDir, file)).href)
    const schemas = Object.values(module).find(({ kind }) => kind === 'file')?.messages ?? []
    const sent = schemas.filter((schema) => getOption(schema, contract.topic) !== '')
    if (sent.length === 0) continue
    const proto = file.replace('proto/gen/', 'proto/').replace(/_pb\.ts$/, '.proto')
    const text = await readFile(path.join(repositoryDir, proto), 'utf8')
    messages.push(...sent.map((schema) => messageType(schema, text)))
  }
  return messages
}

function messageType(schema: DescMessage, proto: string): MessageType {
  return {
    name: schema.name,
    topic: getOption(schema, contract.topic),
    source: getOption(schema, contract.source),
    key: getOption(schema, contract.key),
    subject: getOption(schema, contract.subject),
    cause: getOption(schema, contract.cause),
    comment: commentOf(schema.name, proto),
  }
}

/** The comment lines in front of a message, as one text. The generated descriptors have no comments. */
export function commentOf(message: string, proto: string): string {
  const [, lines = ''] = new RegExp(`((?:^//.*\n)+)message ${message} \\{`, 'm').exec(proto) ?? []
  return lines
    .replaceAll(/^\/\/ ?/gm, '')
    .trim()
    .replaceAll(/\s+/g, ' ')
}

async function readGroups(): Promise<Declarations['groups']> {
  const values = parse(await readFile(path.join(repositoryDir, 'charts/boxoffice/values.yaml'), 'utf8'))
  const services = Object.entries(values.services as Record<string, { readonly topics: readonly string[] }>)
  return Object.fromEntries(services.map(([name, { topics }]) => [name, topics]))
}
