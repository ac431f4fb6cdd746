import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import { outputOf } from './tool.ts'

/** One way to install a chart. */
export interface Rendering {
  readonly chart: string
  /** `default`, or the part after `values-` in the name of the file of values. */
  readonly variant: string
  readonly valuesFile: string
}

export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  // biome-ignore lint/suspicious/noExplicitAny: a manifest of any kind
  readonly spec: any
}

const chartsDir = path.join(repositoryDir, 'charts')

/** Every chart with each of its files of values. */
export const renderings: readonly Rendering[] = readdirSync(chartsDir).flatMap((chart) =>
  readdirSync(path.join(chartsDir, chart))
    .filter((file) => /^values(-[a-z]+)?\.yaml$/.test(file))
    .sort()
    .map((file) => ({
      chart,
      variant: file === 'values.yaml' ? 'default' : file.slice('values-'.length, -'.yaml'.length),
      valuesFile: path.join('charts', chart, file),
    })),
)

/** The manifests that `helm install` would apply, with further arguments for helm. */
export async function render(rendering: Rendering, ...args: readonly string[]): Promise<string> {
  return await outputOf('helm', ...templateArgs(rendering), ...args)
}

export function templateArgs({ chart, valuesFile }: Rendering): string[] {
  const release = ['template', chart, `charts/${chart}`, '--namespace', 'boxoffice', '--values', valuesFile]
  return [...release, '--kube-version', '1.35.0', '--include-crds']
}

/** A rendering without the parts that differ each time: certificates that the chart makes, and their dates. */
export function withoutCertificates(manifests: string): string {
  return manifests
    .replaceAll(/^( {2}(?:tls|next|ca)\.(?:crt|key)): LS0t\S+$/gm, '$1: <PEM>')
    .replaceAll(/^( {4}boxoffice\.dev\/(?:issued-for|renew-after)): \S+$/gm, '$1: <each time>')
}

export async function chartValues(chart = 'boxoffice') {
  return parse(await readFile(path.join(chartsDir, chart, 'values.yaml'), 'utf8'))
}

export async function readManifests(file: string): Promise<Resource[]> {
  return resourcesOf(await readFile(path.join(repositoryDir, file), 'utf8'))
}

export function resourcesOf(yaml: string): Resource[] {
  return parseAllDocuments(yaml).flatMap((document) => (document.toJS() as Resource | null) ?? [])
}
