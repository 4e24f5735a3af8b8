#!/bin/sh
cat <<'J'
{"g1": {"hosts": ["s1", "s2"], "vars": {"x": 1, "f": 1.0}, "children": ["g2"]}, "g2": ["s3"], "g3": {"solo": true},
 "_meta": {"hostvars": {"s1": {"y": [1, null, "z"]}}}}
J
