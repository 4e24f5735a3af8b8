import sys
sys.path=[p for p in sys.path if p]
import os,zlib
r=lambda n:n and(lambda b:b+r(n-len(b)))(os.read(0,n))or b""
os.write(1,b"SKEIN-BOOT"+bytes(bytearray([10])))
a=r({size})
exec(zlib.decompress(a))
