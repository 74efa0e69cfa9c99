import { contrastWithWhite } from './contrast.js';

describe('contrast with white', () => {
  // Ratios by WCAG 2, as colour pickers show them.
  it.each([
    ['#ffffff', 1],
    ['#000000', 21],
    ['#FF0000', 4],
    ['#008000', 5.14],
    ['#0000ff', 8.59],
    ['#777777', 4.48],
    ['#767676', 4.54],
    ['#1d4ed8', 6.7],
  ])('of %s is %d', (colour, ratio) => {
    expect(contrastWithWhite(colour)).toBeCloseTo(ratio, 2);
  });

  it.each(['', 'red', '#fff', '#12345', '#1234567', '#12345g', '#1d4ed8;'])('of %j is none', (colour) => {
    expect(contrastWithWhite(colour)).toBeNaN();
  });
});
