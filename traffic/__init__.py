"""What puts events into Kafka: the producer, the simulator, the embedded broker."""
