import { styleText } from 'node:util'
import { type DescMessage, type MessageShape, toJson } from '@bufbuild/protobuf'

export type Format = 'table' | 'json'
export type Style = Parameters<typeof styleText>[0]

/**
 * The output of a command. Results go to stdout, with the format JSON nothing else does. Notes for people go to
 * stderr.
 */
export interface Output {
  readonly format: Format
  /** Writes the result, in the chosen format. */
  result(forms: { readonly json: () => unknown; readonly table: () => string }): void
  /** Writes one of many results as it arrives: a line of JSON, or text. */
  item(forms: { readonly json: () => unknown; readonly table: () => string }): void
  /** Writes the progress: to stdout with tables, to stderr with JSON. */
  progress(line: string): void
  /** Writes a note for people to stderr. */
  note(line: string): void
  /** Colours a text of stdout if wanted: a terminal or FORCE_COLOR, and no NO_COLOR. */
  paint(style: Style, text: string): string
  /** The width of stdout; 80 if it is not a terminal. */
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

/** A resource as canonical protobuf JSON, including fields at their defaults. */
export function jsonOf<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): unknown {
  return toJson(schema, message, { alwaysEmitImplicit: true })
}
