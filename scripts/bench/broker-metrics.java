import com.sun.tools.attach.VirtualMachine;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.management.InstanceNotFoundException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Reads the counters of running Kafka brokers, summed: `java broker-metrics.java PID...` answers each line of its
 * input with a line of JSON, and ends with its input. Brokers need no flag and no agent. The attach API opens the
 * JVM's own local connector, which accepts connections only from this machine, from callers that may attach.
 */
class BrokerMetrics {
  private static final String TOPICS = "kafka.server:type=BrokerTopicMetrics,name=";

  public static void main(String[] pids) throws Exception {
    List<MBeanServerConnection> brokers = new ArrayList<>();
    for (String pid : pids) brokers.add(connect(pid));
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    while (input.readLine() != null) System.out.println(read(brokers));
    // The threads of the connectors would keep the process alive.
    System.exit(0);
  }

  private static MBeanServerConnection connect(String pid) throws Exception {
    VirtualMachine broker = VirtualMachine.attach(pid);
    try {
      String address = broker.startLocalManagementAgent();
      return JMXConnectorFactory.connect(new JMXServiceURL(address)).getMBeanServerConnection();
    } finally {
      broker.detach();
    }
  }

  private static String read(List<MBeanServerConnection> brokers) throws Exception {
    Map<String, Long> requests = new TreeMap<>();
    long appends = 0;
    long records = 0;
    for (MBeanServerConnection broker : brokers) {
      // One metric for each kind and version of a request. "Fetch" counts FetchConsumer and FetchFollower again.
      ObjectName kinds = new ObjectName("kafka.network:type=RequestMetrics,name=RequestsPerSec,request=*,*");
      for (ObjectName name : broker.queryNames(kinds, null)) {
        String kind = name.getKeyProperty("request");
        if (!kind.equals("Fetch")) requests.merge(kind, count(broker, name), Long::sum);
      }
      // Counted once for each partition that a produce request appends to.
      appends += count(broker, new ObjectName(TOPICS + "TotalProduceRequestsPerSec"));
      records += count(broker, new ObjectName(TOPICS + "MessagesInPerSec"));
    }
    String kinds = requests.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue())
        .collect(Collectors.joining(","));
    return "{\"requests\":{" + kinds + "},\"appends\":" + appends + ",\"records\":" + records + "}";
  }

  private static long count(MBeanServerConnection broker, ObjectName name) throws Exception {
    try {
      return (Long) broker.getAttribute(name, "Count");
    } catch (InstanceNotFoundException e) {
      return 0; // Nothing was counted yet.
    }
  }
}
