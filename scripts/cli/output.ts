import { styleText } from 'node:util'
import { type DescMessage, type MessageShape, toJson } from '@bufbuild/protobuf'

export type Format = 'table' | 'json'
export type Style = Parameters<typeof styleText>[0]

/** Where a command writes: results to stdout, in JSON nothing but JSON; what is only for people to follow to stderr. */
export interface Output {
  readonly format: Format
  /** The result, in the format that was asked for. */
  result(forms: { readonly json: () => unknown; readonly table: () => string }): void
  /** One of many results as they come: a line of JSON, or text. */
  item(forms: { readonly json: () => unknown; readonly table: () => string }): void
  /** How far it is: beside a table on stdout, beside JSON on stderr. */
  progress(line: string): void
  /** For people only, on stderr. */
  note(line: string): void
  /** Colours a text of stdout, where that is wanted: a terminal, FORCE_COLOR, no NO_COLOR. */
  paint(style: Style, text: string): string
  /** How wide stdout is; 80 if it is no terminal. */
  readonly columns: number
}

export function createOutput(format: Format): Output {
  const toStdout = (text: string): void => void process.stdout.write(`${text}\n`)
  const toStderr = (text: string): void => void process.stderr.write(`${text}\n`)
  return {
    format,
    result: ({ json, table }) => toStdout(format === 'json' ? JSON.stringify(json(), null, 2) : table()),
    item: ({ json, table }) => toStdout(format === 'json' ? JSON.stringify(json()) : table()),
    progress: format === 'json' ? toStderr : toStdout,
    note: toStderr,
    paint: (style, text) =>
      styleText(style, text, { stream: format === 'json' ? process.stderr : process.stdout }),
    columns: process.stdout.columns ?? 80,
  }
}

/** A resource as canonical protobuf JSON, fields at their defaults included. */
export function jsonOf<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): unknown {
  return toJson(schema, message, { alwaysEmitImplicit: true })
}
