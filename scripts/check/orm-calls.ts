/** Where SQL and the ORM are at home, and tests, which look at tables. */
const exempt = /\/(storage|testing)\/|\.test\.ts$/

/** A service's own code: libraries and the relay have SQL of their own. */
const ofService = /^services\/(?!common\/|outbox-relay\/)[^/]+\/src\//

/** Whether a file may neither call the ORM nor hold SQL. */
export function isOutsideStorage(path: string): boolean {
  return ofService.test(path) && !exempt.test(path)
}

/**
 * The lines that call the ORM or hold SQL, each with its place. An EntityManager may be passed on: imports alone, which
 * dependency-cruiser sees, do not tell the two apart.
 */
export function faultsOf(path: string, code: string): string[] {
  return code.split('\n').flatMap((line, index) => {
    const call = line.match(/\bem(\(\))?\.\w+/) ?? line.match(/\.getKysely\b/)
    const sql = line.match(/^\s*(?:.*[=(?:]\s*)?[`'"]?\s*\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s+\w/)
    const fault = call?.[0] ?? sql?.[1]
    return fault === undefined || /^\s*(\*|\/\/|\/\*)/.test(line)
      ? []
      : [`${path}:${index + 1}: ${fault} stands outside storage/`]
  })
}
