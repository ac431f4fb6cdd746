import { fileURLToPath } from 'node:url'
import { repositoryDir } from '../platform/paths.ts'
import type { CpuProfile, TakenProfile } from './profile.ts'

const functionsShown = 30
const placesShown = 16

/**
 * Shows where a process spent its time: by package or room, then by function. A profile uses wall-clock time: on a
 * busy machine, code that waits for a core counts as if it ran.
 */
export function profileTop({ process, file, profile }: TakenProfile): string {
  const selfMicros = selfTimes(profile)
  let total = 0
  let busy = 0
  const byPlace = new Map<string, number>()
  const byFunction = new Map<string, number>()
  for (const { id, callFrame } of profile.nodes) {
    const micros = selfMicros.get(id) ?? 0
    total += micros
    if (callFrame.functionName === '(idle)') continue
    busy += micros
    const where = placeOf(callFrame.url, callFrame.functionName)
    add(byPlace, where.room, micros)
    add(
      byFunction,
      `${callFrame.functionName || '(anonymous)'}  ${where.file}:${callFrame.lineNumber + 1}`,
      micros,
    )
  }
  return [
    `${process}: ${(busy / 1e6).toFixed(2)} s not idle of ${(total / 1e6).toFixed(2)} s (${file})`,
    ...rows(byPlace, busy, placesShown),
    '',
    ...rows(byFunction, busy, functionsShown),
  ].join('\n')
}

function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const micros = new Map<number, number>()
  // A delta is the time up to its sample; the code that ran in that time is the node of the previous sample.
  for (const [index, node] of samples.entries()) add(micros, node, timeDeltas[index + 1] ?? 0)
  return micros
}

function placeOf(url: string, functionName: string): { room: string; file: string } {
  if (url === '') return { room: functionName.startsWith('(') ? functionName : '(native)', file: '' }
  if (url.startsWith('node:')) return { room: 'node', file: url }
  const file = (url.startsWith('file:') ? fileURLToPath(url) : url).replace(`${repositoryDir}/`, '')
  const [, inPackages] = /.*node_modules\/(.*)/.exec(file) ?? []
  if (inPackages === undefined) return { room: file.split('/').slice(0, 4).join('/'), file }
  const name = inPackages
    .split('/')
    .slice(0, inPackages.startsWith('@') ? 2 : 1)
    .join('/')
  return { room: name, file: inPackages }
}

function rows(times: ReadonlyMap<string, number>, busy: number, count: number): string[] {
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(
      ([name, micros]) =>
        `${((100 * micros) / busy).toFixed(1).padStart(7)} % ${(micros / 1000).toFixed(0).padStart(7)} ms  ${name}`,
    )
}

function add<Key>(sums: Map<Key, number>, key: Key, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value)
}
