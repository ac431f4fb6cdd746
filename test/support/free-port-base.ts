import { randomInt } from 'node:crypto'
import { fixedPorts, namedPorts } from '../../scripts/platform/port-layout.ts'
import { isPortFree, portRange } from '../../scripts/platform/ports.ts'

/** A base port with all its ports free, below the range of outgoing connections, as in scripts/platform/ports.ts. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = portRange.first + span * randomInt(spans)
    const ports = namedPorts(fixedPorts(base, 1)).map(({ port }) => port)
    if ((await Promise.all(ports.map(isPortFree))).every(Boolean)) return base
  }
  throw new Error('no range of free ports')
}

/** More than the ports between a base and the last of its ports. */
const span = 500
const spans = Math.floor((portRange.last + 1 - portRange.first) / span)
