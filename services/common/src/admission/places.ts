import { AdmissionError, type Bound } from './refusal.ts'

/** The number of calls of a class that may be in flight. */
export interface PlaceLimits {
  readonly perProcess: number
  readonly perCaller: number
}

/** The calls in flight, by class and caller. */
export interface Places<Class extends string> {
  /**
   * Takes a place, which `leave` frees once.
   *
   * @param makeRoom - called when the class is full, with the number of the caller's places: frees a place of a caller
   * with more
   * @throws AdmissionError (calls_per_caller, calls_per_process)
   */
  enter(callClass: Class, caller: string, makeRoom: (callersOwn: number) => boolean): void
  leave(callClass: Class, caller: string): void
  inFlight(callClass: Class): number
}

/** A place is free again this soon. A call that comes back earlier would be refused again. */
const comeBackMs = 250

export function createPlaces<Class extends string>(
  limits: Readonly<Record<Class, PlaceLimits>>,
): Places<Class> {
  const taken = new Map<string, { total: number; readonly ofCaller: Map<string, number> }>()
  for (const callClass of Object.keys(limits)) taken.set(callClass, { total: 0, ofCaller: new Map() })

  const placesOf = (callClass: Class) => {
    const found = taken.get(callClass)
    if (found === undefined) throw new Error(`no class ${callClass}`)
    return found
  }
  const refuse = (bound: Bound): never => {
    throw new AdmissionError(bound, comeBackMs)
  }

  return {
    enter(callClass, caller, makeRoom) {
      const { perProcess, perCaller } = limits[callClass]
      const places = placesOf(callClass)
      const own = places.ofCaller.get(caller) ?? 0
      if (own >= perCaller) refuse('calls_per_caller')
      // A place that makeRoom frees is left only when its call has been answered, so for a moment there is one more.
      if (places.total >= perProcess && !makeRoom(own)) refuse('calls_per_process')
      places.ofCaller.set(caller, own + 1)
      places.total += 1
    },
    leave(callClass, caller) {
      const places = placesOf(callClass)
      const own = places.ofCaller.get(caller) ?? 0
      if (own === 0) throw new Error(`${caller} has no place of class ${callClass}`)
      if (own === 1) places.ofCaller.delete(caller)
      else places.ofCaller.set(caller, own - 1)
      places.total -= 1
    },
    inFlight: (callClass) => placesOf(callClass).total,
  }
}
