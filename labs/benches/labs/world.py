"""The world in SimPy. Prints events a second of processor time, and the mean latency in milliseconds."""

import random
import sys
import time

import simpy

RPS, SERVICE_S, WAY_S, FAN_OUT, SLOTS, SPAN_S = (float(word) for word in sys.argv[1:])
FAN_OUT, SLOTS = int(FAN_OUT), int(SLOTS)

random.seed(1)
world = simpy.Environment()
leaves = [simpy.Resource(world, capacity=SLOTS) for _ in range(FAN_OUT)]
events, answered, waited = 0, 0, 0.0


def call(leaf):
    global events
    yield world.timeout(WAY_S)
    with leaf.request() as slot:
        yield slot
        yield world.timeout(random.expovariate(1 / SERVICE_S))
    yield world.timeout(WAY_S)
    events += 3


def request():
    global answered, waited
    arrived = world.now
    yield world.all_of([world.process(call(leaf)) for leaf in leaves])
    answered += 1
    waited += world.now - arrived


def arrivals():
    global events
    while True:
        yield world.timeout(random.expovariate(RPS))
        events += 1
        world.process(request())


world.process(arrivals())
began = time.process_time()
world.run(until=SPAN_S)
print(events / (time.process_time() - began), waited / answered * 1e3)
