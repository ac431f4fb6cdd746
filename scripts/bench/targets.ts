/** The promises of issue and README for a machine with two cores. */
export const targets = {
  rateP50Ms: 60,
  rateP99Ms: 150,
  checkoutsPerSecond: 300,
  idleCpuPercent: 3,
  residentMb: 180,
  relayRowsPerSecond: 2_000,
  relayP50Ms: 15,
  paintedP99Ms: 300,
  streamEventsPerSecond: 100,
  streamGrowthPercent: 2,
  telemetryPercent: 10,
}
