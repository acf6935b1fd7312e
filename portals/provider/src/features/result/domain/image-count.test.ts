import { describe, expect, it } from 'vitest';
import { imageCount, seriesSize } from './image-count';

describe('the size of a series', () => {
  it('is its images', () => {
    expect([seriesSize({ numberOfInstances: 1, numberOfFrames: 1 }), seriesSize({ numberOfInstances: 300, numberOfFrames: 300 })]).toEqual(['1 image', '300 images']);
  });

  it('tells the frames of a clip apart, so that series and study count the same', () => {
    expect(seriesSize({ numberOfInstances: 2, numberOfFrames: 58 })).toBe('2 images, 58 frames');
    expect(imageCount(2)).toBe('2 images');
  });
});
