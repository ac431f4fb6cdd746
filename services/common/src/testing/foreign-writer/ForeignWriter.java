import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes records as Kafka's own client does. Each line of the input is a batch, which goes out whole:
 * {@code CODEC END TOPIC PARTITION RECORD...}, where END is plain, commit or abort, and a record is
 * {@code KEY,VALUE,NAME=VALUE,...} in base64, - for null, and *N for N zeros. Each answer is a line: the last record's offset.
 */
public class ForeignWriter {
  public static void main(String[] arguments) throws Exception {
    var input = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = input.readLine()) != null; ) {
      System.out.println("offset " + write(arguments[0], line.split(" ")));
    }
  }

  private static long write(String brokers, String[] words) throws Exception {
    boolean isTransaction = !words[1].equals("plain");
    try (var producer = new KafkaProducer<byte[], byte[]>(properties(brokers, words[0], isTransaction))) {
      if (isTransaction) {
        producer.initTransactions();
        producer.beginTransaction();
      }
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int nth = 4; nth < words.length; nth++) {
        sent.add(producer.send(record(words[2], Integer.parseInt(words[3]), words[nth])));
      }
      producer.flush();
      if (words[1].equals("commit")) producer.commitTransaction();
      if (words[1].equals("abort")) producer.abortTransaction();
      return sent.get(sent.size() - 1).get().offset();
    }
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, int partition, String text) {
    String[] parts = text.split(",");
    var record = new ProducerRecord<byte[], byte[]>(topic, partition, bytes(parts[0]), bytes(parts[1]));
    for (int nth = 2; nth < parts.length; nth++) {
      int at = parts[nth].indexOf('=');
      record.headers().add(parts[nth].substring(0, at), bytes(parts[nth].substring(at + 1)));
    }
    return record;
  }

  private static byte[] bytes(String text) {
    if (text.equals("-")) return null;
    if (text.startsWith("*")) return new byte[Integer.parseInt(text.substring(1))];
    return Base64.getUrlDecoder().decode(text);
  }

  private static Properties properties(String brokers, String codec, boolean isTransaction) {
    var properties = new Properties();
    properties.put("bootstrap.servers", brokers);
    properties.put("key.serializer", ByteArraySerializer.class.getName());
    properties.put("value.serializer", ByteArraySerializer.class.getName());
    properties.put("compression.type", codec);
    properties.put("linger.ms", "200");
    properties.put("batch.size", "524288");
    properties.put("buffer.memory", "134217728");
    properties.put("max.request.size", "134217728");
    properties.put("request.timeout.ms", "10000");
    properties.put("delivery.timeout.ms", "20000");
    properties.put("max.block.ms", "20000");
    properties.put("transaction.timeout.ms", "10000");
    if (isTransaction) properties.put("transactional.id", "foreign-" + UUID.randomUUID());
    return properties;
  }
}
