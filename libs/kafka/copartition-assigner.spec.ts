import { assignCopartitioned } from './copartition-assigner';

const partitions = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('assigning partitions to members', () => {
  test('members with the same topics share every partition number', () => {
    const topics = ['product', 'variant'];
    const assignment = assignCopartitioned(
      new Map(['b', 'a', 'c', 'd'].map((member) => [member, topics])),
      () => partitions(6),
    );
    for (const owned of assignment.values()) expect(owned['product']).toEqual(owned['variant']);
    const all = [...assignment.values()].flatMap((owned) => owned['product'] ?? []);
    expect(all.sort()).toEqual(partitions(6));
    expect([...assignment.values()].map((owned) => owned['product']?.length)).toEqual([2, 2, 1, 1]);
  });

  test('a member gets only topics that it has subscribed to', () => {
    const assignment = assignCopartitioned(
      new Map([
        ['old', ['product']],
        ['new', ['product', 'asset']],
      ]),
      () => partitions(2),
    );
    expect(assignment.get('old')).toEqual({ product: [1] });
    expect(assignment.get('new')).toEqual({ product: [0], asset: [0, 1] });
  });

  test('more members than partitions leaves some with nothing, and every partition with one', () => {
    const assignment = assignCopartitioned(
      new Map(['a', 'b', 'c'].map((member) => [member, ['topic']])),
      () => partitions(1),
    );
    expect([...assignment.values()]).toEqual([{ topic: [0] }, {}, {}]);
  });
});
