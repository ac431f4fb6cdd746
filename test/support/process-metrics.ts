import type { TestSystem } from './shared-system.ts'

/** The metrics of all our processes whose names match, each by its process, name and labels. */
export async function metricsOf(system: TestSystem, name: RegExp): Promise<ReadonlyMap<string, number>> {
  const { services, relays, console } = system.addresses
  const addresses = [
    ...Object.values(services).flatMap(({ metrics }) => metrics),
    ...Object.values(relays).flatMap(({ metrics }) => metrics),
    ...console.map(({ metrics }) => metrics),
  ]
  const scrapes = addresses.map(async (address) => {
    const text = await (await fetch(`http://${address}/metrics`)).text()
    return [...text.matchAll(/^(\w+)(\{.*\})? (\S+)$/gm)]
      .filter(([, found = '']) => name.test(found))
      .map(([, found, labels = '', value]) => [`${address} ${found}${labels}`, Number(value)] as const)
  })
  return new Map((await Promise.all(scrapes)).flat())
}

/**
 * The least that each process held in the first and in the last third of the samples. What it holds between two collections of
 * garbage says nothing; what is left after one does.
 */
export function heapFloors(
  samples: readonly ReadonlyMap<string, number>[],
): ReadonlyMap<string, readonly [first: number, last: number]> {
  const third = Math.ceil(samples.length / 3)
  const floorOf = (name: string, part: readonly ReadonlyMap<string, number>[]): number =>
    Math.min(...part.map((sample) => sample.get(name) ?? Number.POSITIVE_INFINITY))
  return new Map(
    [...(samples[0]?.keys() ?? [])].map((name) => [
      name,
      [floorOf(name, samples.slice(0, third)), floorOf(name, samples.slice(-third))],
    ]),
  )
}
