export class LivenessDto {
  /** `ok`, if anything answers at all. */
  status: string;
}

/** Whether the process may be sent requests; every part by its name. */
export class ReadinessDto {
  /** `ok`. */
  status: string;

  /** The parts that are well. */
  info?: object;

  /** The parts that are not. */
  error?: object;

  /** All parts. */
  details: object;
}
