import { Injectable } from '@nestjs/common';

/** Whether this process was told to end: it is not ready from then on, and keeps no connection. */
@Injectable()
export class Departure {
  hasBegun = false;
}
