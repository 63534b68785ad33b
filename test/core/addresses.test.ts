import { expect, test } from "vitest";
import { callerBucket } from "../../src/core/addresses.ts";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::1", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  [undefined, "shared"],
  ["", "shared"],
  ["256.1.1.1", "shared"],
  ["203.0.113.7, 10.0.0.1", "shared"],
  ["1:2:3", "shared"],
  ["1::2::3", "shared"],
  ["1:2:3:4:5:6:7:8:9", "shared"],
  ["2001:db8:g::1", "shared"],
])("a caller from %j counts as %s", (address, bucket) => {
  expect(callerBucket(address)).toBe(bucket);
});
